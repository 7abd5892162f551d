"""What a schedule needs beside the weekly job: word of how it ended, retention, a report to send."""
