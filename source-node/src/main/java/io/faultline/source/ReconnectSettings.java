package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What to do when the connection is lost after the commit point.
 *
 * @param otherDestinations further addresses of the same destination, tried in this order
 * @param timeouts when a silent destination counts as lost, and when to give up
 */
public record ReconnectSettings(List<InetSocketAddress> otherDestinations, PeerTimeouts timeouts) {
  /** Reconnects to the same address, without a time limit. */
  public static final ReconnectSettings DEFAULT =
      new ReconnectSettings(List.of(), PeerTimeouts.DEFAULT);

  /** All addresses: first the one in the settings, then the others. */
  public List<InetSocketAddress> destinations(SourceSettings settings) {
    List<InetSocketAddress> all = new ArrayList<>(List.of(settings.destination()));
    all.addAll(otherDestinations);
    return all;
  }

  /** With timeouts that leave the destination time to place the largest page of this memory. */
  ReconnectSettings withMemory(List<MemoryRegion> regions) {
    long largest = regions.stream().mapToLong(MemoryRegion::pageBytes).max().orElse(0);
    return new ReconnectSettings(otherDestinations, timeouts.withPages(largest));
  }

  /** With one more address, the last. */
  ReconnectSettings withDestination(InetSocketAddress address) {
    List<InetSocketAddress> others = new ArrayList<>(otherDestinations);
    others.add(address);
    return new ReconnectSettings(others, timeouts);
  }

  public ReconnectSettings {
    otherDestinations = List.copyOf(otherDestinations);
  }
}
