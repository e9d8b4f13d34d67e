package io.faultline.cli.control;

/** Which node of a migration to control. */
public enum ControlRole {
  SOURCE,
  DEST
}
