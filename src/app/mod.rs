//! Builds the parts from the configuration, starts them, stops them; and the ways through the pipeline that
//! touch several parts: looking at a section, reading again, letting out.
