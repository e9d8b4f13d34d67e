package io.faultline.tests.example;

import io.faultline.dest.IncomingReport;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Migrates a counter table. Both sides run in this process here, usually on two hosts. */
record Move(OutgoingReport source, IncomingReport destination) {
  private static final System.Logger LOG = System.getLogger(Move.class.getName());

  static Move of(Kernel kernel, CounterTable outgoing, CounterTable incoming, Placement placement)
      throws IOException {
    try (MigrationDestination destination =
        new MigrationDestination(
            kernel, incoming, new SimpleMeterRegistry(), line -> LOG.log(Level.INFO, line))) {
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SourceSettings settings =
          new SourceSettings(address).withMode(MigrationMode.HYBRID).withPlacement(placement);
      try (MigrationSource source =
          new MigrationSource(outgoing, settings, new SimpleMeterRegistry())) {
        return new Move(source.start().join(), destination.result().join());
      }
    }
  }
}
