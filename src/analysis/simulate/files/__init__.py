"""The files of a simulated intake, in the containers and habits of the provinces."""
