"""The history of a published dataset: its releases as an event stream and as a feed."""
