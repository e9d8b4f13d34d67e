package io.faultline.tests.process;

import io.faultline.demo.vm.AnyIncomingVm;
import io.faultline.dest.DestinationSettings;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.MigrationDestination;
import io.faultline.proto.PeerTimeouts;
import io.faultline.proto.Polling;
import io.faultline.proto.Transport;
import io.faultline.proto.security.Security;
import io.faultline.uffd.simulated.SimulatedKernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The destination of {@code dest --engine=simulated --quiet}, without the command around it. */
final class DestinationInThisJvm implements AutoCloseable {
  private static final int LIMIT_SECONDS = 120;

  private final List<String> log = new CopyOnWriteArrayList<>();
  private final AnyIncomingVm vm;
  private final MigrationDestination destination;
  private final int port;

  /** Gives up a source that is lost after RUN when it has been gone for this time. */
  DestinationInThisJvm(Duration giveUpAfter) throws IOException {
    SimulatedKernel kernel = new SimulatedKernel();
    vm = new AnyIncomingVm(kernel, null, null, line -> {});
    PeerTimeouts timeouts = new PeerTimeouts(PeerTimeouts.DEFAULT.silence(), giveUpAfter);
    destination =
        new MigrationDestination(
            kernel,
            vm,
            new SimpleMeterRegistry(),
            log::add,
            new DestinationSettings(Polling.BLOCK, timeouts, Security.LOOPBACK_ONLY),
            new Transport());
    port = destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
  }

  int port() {
    return port;
  }

  /** The lines that the command would print before its error. */
  List<String> log() {
    return log;
  }

  /** Waits for its end; returns why it failed. */
  String awaitError() throws Exception {
    IncomingReport report = destination.result().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    return String.valueOf(report.error());
  }

  @Override
  public void close() {
    destination.close();
    vm.close();
  }
}
