package io.faultline.restore;

/** What a session tells its owner. All on the session's event loop. */
public interface RestoreEvents {
  /** The session has entered a state. */
  void entered(RestoreState state);
}
