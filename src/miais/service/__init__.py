"""An HTTP service and a web page over one system and one gallery."""
