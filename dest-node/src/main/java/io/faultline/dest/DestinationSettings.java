package io.faultline.dest;

import io.faultline.dest.recording.IncomingRecording;
import io.faultline.dest.takeover.StateKeeper;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Polling;
import io.faultline.proto.security.Security;
import org.jspecify.annotations.Nullable;

/**
 * The destination's own settings; the source decides everything else.
 *
 * @param polling how the fault reader waits
 * @param timeouts how long to wait for a source that is silent, or that is lost after READY
 * @param security how sources and this node authenticate each other
 * @param poison what happens to a running VM when its source is given up: true lets it run until it
 *     needs a missing page, false stops it immediately
 * @param populate which memory is allocated before the VM is paused
 * @param rehearses whether the path of a page is rehearsed before memory is announced as prepared;
 *     not for a VM that no one pauses later, which would only start later
 * @param recording records what happens; null for nothing
 * @param admission which VMs this machine can hold; {@link HostMemoryAdmission}, usually
 * @param needed gets the pages that the VM needs first; null for nothing
 * @param keeper keeps what another process needs to take the migration over; null for nothing
 */
public record DestinationSettings(
    Polling polling,
    PeerTimeouts timeouts,
    Security security,
    boolean poison,
    Populate populate,
    boolean rehearses,
    @Nullable IncomingRecording recording,
    MemoryAdmission admission,
    @Nullable NeededPages needed,
    @Nullable StateKeeper keeper) {
  /** Loops that sleep when idle; accepts only sources on this machine. */
  public static final DestinationSettings DEFAULT =
      new DestinationSettings(Polling.BLOCK, PeerTimeouts.DEFAULT, Security.LOOPBACK_ONLY);

  /** Stops an incomplete VM when its source is given up; populates huge pages; admits every VM. */
  public DestinationSettings(Polling polling, PeerTimeouts timeouts, Security security) {
    this(
        polling,
        timeouts,
        security,
        false,
        Populate.HUGE,
        true,
        null,
        MemoryAdmission.ALL,
        null,
        null);
  }

  /** The same, with {@link #security}. */
  public DestinationSettings withSecurity(Security other) {
    return new DestinationSettings(
        polling, timeouts, other, poison, populate, rehearses, recording, admission, needed,
        keeper);
  }

  /** The same, with {@link #poison}. */
  public DestinationSettings withPoison(boolean on) {
    return new DestinationSettings(
        polling, timeouts, security, on, populate, rehearses, recording, admission, needed, keeper);
  }

  /** The same, with {@link #populate}. */
  public DestinationSettings withPopulate(Populate which) {
    return new DestinationSettings(
        polling, timeouts, security, poison, which, rehearses, recording, admission, needed,
        keeper);
  }

  /** The same, without what {@link #rehearses} does. */
  public DestinationSettings withoutRehearsal() {
    return new DestinationSettings(
        polling, timeouts, security, poison, populate, false, recording, admission, needed, keeper);
  }

  /** The same, with {@link #recording}. */
  public DestinationSettings withRecording(IncomingRecording to) {
    return new DestinationSettings(
        polling, timeouts, security, poison, populate, rehearses, to, admission, needed, keeper);
  }

  /** The same, with {@link #admission}. */
  public DestinationSettings withAdmission(MemoryAdmission by) {
    return new DestinationSettings(
        polling, timeouts, security, poison, populate, rehearses, recording, by, needed, keeper);
  }

  /** The same, with {@link #needed}. */
  public DestinationSettings withNeeded(NeededPages to) {
    return new DestinationSettings(
        polling, timeouts, security, poison, populate, rehearses, recording, admission, to, keeper);
  }

  /** The same, with {@link #keeper}. */
  public DestinationSettings withKeeper(StateKeeper of) {
    return new DestinationSettings(
        polling, timeouts, security, poison, populate, rehearses, recording, admission, needed, of);
  }
}
