"""Finding and opening what the provinces sent: exports of any format, or a reason why not."""
