package io.faultline.dest;

import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Polling;
import io.faultline.proto.security.Security;

/**
 * How a destination takes a VM in; all else the source says.
 *
 * @param polling how the fault reader waits
 * @param timeouts how long to wait for a source that is silent, or lost behind READY
 * @param security how sources and this node know each other
 * @param poison whether a VM that runs here is not stopped when its source is given up, but only
 *     where it needs a page that has not come
 * @param populate which memory is taken before the VM is paused
 */
public record DestinationSettings(
    Polling polling, PeerTimeouts timeouts, Security security, boolean poison, Populate populate) {
  /** Loops that sleep when there is nothing to do; sources on this machine alone. */
  public static final DestinationSettings DEFAULT =
      new DestinationSettings(Polling.BLOCK, PeerTimeouts.DEFAULT, Security.LOOPBACK_ONLY);

  /** A VM that lacks pages is stopped when its source is given up; huge pages are populated. */
  public DestinationSettings(Polling polling, PeerTimeouts timeouts, Security security) {
    this(polling, timeouts, security, false, Populate.HUGE);
  }

  /** The same, with {@link #security}. */
  public DestinationSettings withSecurity(Security other) {
    return new DestinationSettings(polling, timeouts, other, poison, populate);
  }

  /** The same, with {@link #poison}. */
  public DestinationSettings withPoison(boolean on) {
    return new DestinationSettings(polling, timeouts, security, on, populate);
  }

  /** The same, with {@link #populate}. */
  public DestinationSettings withPopulate(Populate which) {
    return new DestinationSettings(polling, timeouts, security, poison, which);
  }
}
