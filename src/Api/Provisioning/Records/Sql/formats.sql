select definition from u2s_formats
