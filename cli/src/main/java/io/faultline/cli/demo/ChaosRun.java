package io.faultline.cli.demo;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.cli.chaos.NodeKiller;
import io.faultline.cli.chaos.Relay;
import io.faultline.cli.mixin.MigrationOptions;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.process.LocalMigration;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * A migration through a relay that breaks connections and kills nodes, as planned. A migration that
 * ends before all planned faults is a failure.
 */
final class ChaosRun {
  /** On average all faults happen within the first 1/16 of the memory that postcopy sends. */
  private static final int SHARE = 16;

  /** The same after precopy rounds, when little memory is left to send. */
  private static final int SHARE_AFTER_ROUNDS = 128;

  private final ChaosPlan plan;
  private final long maxBytesBetweenFaults;
  private final boolean encrypted;
  private final int channels;
  private final Consumer<String> messages;

  /**
   * @param encrypted whether the relay cannot read what it forwards
   */
  ChaosRun(
      ChaosPlan plan,
      MigrationOptions migration,
      boolean encrypted,
      long ramBytes,
      Consumer<String> messages) {
    this.plan = plan;
    this.encrypted = encrypted;
    this.messages = messages;
    channels = migration.channels();
    int share = migration.hasRounds() ? SHARE_AFTER_ROUNDS : SHARE;
    maxBytesBetweenFaults = Math.max(1, 2 * ramBytes / share / plan.faults());
  }

  /** Migrates through the relay, and adds to the result what the relay did. */
  ObjectNode run(LocalMigration nodes, List<String> forSource, List<String> forDestination)
      throws IOException, InterruptedException {
    messages.accept("chaos: " + plan);
    AtomicReference<Relay> started = new AtomicReference<>();
    nodes.route(
        address -> {
          Relay relay = relayTo(address, nodes);
          started.set(relay);
          return HostPort.of(relay.address()).toString();
        });
    if (encrypted) {
      nodes.onRun(() -> Objects.requireNonNull(started.get(), "no relay").handOver());
    }
    ObjectNode result;
    int done = 0;
    try {
      result = nodes.run(forSource, forDestination);
    } finally {
      Relay relay = started.get();
      if (relay != null) {
        done = relay.done();
        relay.close();
      }
    }
    result.putObject("chaos").put("plan", plan.toString()).put("faults", done);
    if (done < plan.faults() && result.path("status").asString("").equals("completed")) {
      result.put("status", "failed");
      result.put(
          "error",
          "the migration ended after "
              + done
              + " of "
              + plan.faults()
              + " faults; give the VM more --ram, or the migration less --bandwidth");
    }
    return result;
  }

  private Relay relayTo(String address, LocalMigration nodes) throws IOException {
    return new Relay(
        plan,
        HostPort.parse(address).resolve(),
        encrypted,
        channels,
        maxBytesBetweenFaults,
        messages,
        killer(nodes));
  }

  private static NodeKiller killer(LocalMigration nodes) {
    return new NodeKiller() {
      @Override
      public void killSource() {
        nodes.killSource();
      }

      @Override
      public void killDestination() {
        nodes.killDestination();
      }
    };
  }
}
