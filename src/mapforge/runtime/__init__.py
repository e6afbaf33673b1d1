"""Raw event bytes in, payload bytes out: all that a process needs which maps and never compiles."""
