"""What runs the house: the local machine, the demo, images, topics and rights."""
