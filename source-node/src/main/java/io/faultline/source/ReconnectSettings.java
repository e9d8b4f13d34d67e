package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.proto.PeerTimeouts;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What to do where the destination is lost behind the commit point.
 *
 * @param otherDestinations further addresses of the same destination, to try in this order
 * @param timeouts how long to wait for it
 */
public record ReconnectSettings(List<InetSocketAddress> otherDestinations, PeerTimeouts timeouts) {
  /** To the same address, without limit. */
  public static final ReconnectSettings DEFAULT =
      new ReconnectSettings(List.of(), PeerTimeouts.DEFAULT);

  /** All addresses, that of the settings first. */
  List<InetSocketAddress> destinations(SourceSettings settings) {
    List<InetSocketAddress> all = new ArrayList<>(List.of(settings.destination()));
    all.addAll(otherDestinations);
    return all;
  }

  /** The same for a VM with this memory, of which the destination may place a page at a time. */
  ReconnectSettings withMemory(List<MemoryRegion> regions) {
    long longest = regions.stream().mapToLong(MemoryRegion::pageBytes).max().orElse(0);
    return new ReconnectSettings(otherDestinations, timeouts.withPages(longest));
  }

  public ReconnectSettings {
    otherDestinations = List.copyOf(otherDestinations);
  }
}
