package io.faultline.dest;

import io.faultline.proto.Patience;
import io.faultline.proto.Polling;
import io.faultline.proto.security.Security;

/**
 * How a destination takes a VM in; all else the source says.
 *
 * @param polling how the fault reader waits
 * @param patience how long to wait for a source that is silent, or lost behind READY
 * @param security how sources and this node know each other
 * @param poison whether a VM that runs here is not stopped when its source is given up, but only
 *     where it needs a page that has not come
 */
public record DestinationSettings(
    Polling polling, Patience patience, Security security, boolean poison) {
  /** Loops that sleep when there is nothing to do; sources on this machine alone. */
  public static final DestinationSettings DEFAULT =
      new DestinationSettings(Polling.BLOCK, Patience.DEFAULT, Security.LOOPBACK_ONLY);

  /** A VM that lacks pages is stopped when its source is given up. */
  public DestinationSettings(Polling polling, Patience patience, Security security) {
    this(polling, patience, security, false);
  }

  /** The same, with {@link #poison}. */
  public DestinationSettings withPoison(boolean on) {
    return new DestinationSettings(polling, patience, security, on);
  }
}
