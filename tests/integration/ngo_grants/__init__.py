"""Youth project calls through their doors."""
