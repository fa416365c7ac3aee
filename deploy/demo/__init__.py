"""The demo: the whole programme on the figures of five public pages, through public doors only."""
