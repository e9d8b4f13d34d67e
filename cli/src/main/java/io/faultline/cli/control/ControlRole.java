package io.faultline.cli.control;

/** Which node of a migration to control. */
enum ControlRole {
  SOURCE,
  DEST
}
