package io.faultline.restore;

import io.faultline.proto.Polling;

/**
 * How a session transfers pages.
 *
 * @param background whether pages are fetched that nobody waits for; false: only on faults
 * @param polling how the loop waits for the answer to a fault
 */
public record LazyPagesSettings(boolean background, Polling polling) {
  public static final LazyPagesSettings DEFAULT = new LazyPagesSettings(true, Polling.ADAPTIVE);
}
