package io.faultline.restore;

import java.util.function.Consumer;

/** What a session tells its owner. All on the session's event loop. */
public interface RestoreEvents {
  /** The session has entered a state. */
  void entered(RestoreState state);

  /** Something went wrong that does no harm: one line for the user. */
  void warning(String message);

  /** Events for two receivers. */
  static RestoreEvents of(Consumer<RestoreState> entered, Consumer<String> warning) {
    return new RestoreEvents() {
      @Override
      public void entered(RestoreState state) {
        entered.accept(state);
      }

      @Override
      public void warning(String message) {
        warning.accept(message);
      }
    };
  }
}
