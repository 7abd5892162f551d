"""What clerks type of a person and a dose, and how it goes wrong."""
