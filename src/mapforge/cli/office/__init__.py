"""What operators ask and decide: clients of the calls in `service.admin`, over HTTP or on a queue's own file."""
