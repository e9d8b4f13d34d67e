package io.faultline.cli.node;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.cli.chaos.Relay;
import io.faultline.cli.options.HostPort;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * A migration over a network that breaks, from a source that is killed, as often as was planned, or
 * it does not count.
 */
final class ChaosRun {
  /** Of the memory that follows, all faults take about so little together. */
  private static final int SHARE = 16;

  /** The same where most memory went ahead. */
  private static final int SHARE_BEHIND_ROUNDS = 128;

  private final ChaosPlan plan;
  private final long mostBytes;
  private final boolean encrypted;
  private final int channels;
  private final Consumer<String> log;

  /**
   * @param encrypted whether the relay cannot read what it passes on
   */
  ChaosRun(
      ChaosPlan plan,
      MigrationOptions migration,
      boolean encrypted,
      long ramBytes,
      Consumer<String> log) {
    this.encrypted = encrypted;
    channels = migration.channels();
    this.plan = plan;
    this.log = log;
    int share = migration.hasRounds() ? SHARE_BEHIND_ROUNDS : SHARE;
    mostBytes = Math.max(1, 2 * ramBytes / share / plan.faults());
  }

  /** Migrates through a relay; the result tells what it did. */
  ObjectNode run(LocalMigration both, List<String> forSource, List<String> forDestination)
      throws IOException, InterruptedException {
    log.accept("chaos: " + plan);
    AtomicReference<Relay> made = new AtomicReference<>();
    both.route(
        address -> {
          Relay relay =
              new Relay(
                  plan,
                  HostPort.parse(address).resolve(),
                  encrypted,
                  channels,
                  mostBytes,
                  log,
                  both::killSource);
          made.set(relay);
          return HostPort.of(relay.address()).toString();
        });
    if (encrypted) {
      both.onRun(() -> Objects.requireNonNull(made.get(), "no relay").handOver());
    }
    ObjectNode result;
    int done = 0;
    try {
      result = both.run(forSource, forDestination);
    } finally {
      Relay relay = made.get();
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
          "the migration was over after "
              + done
              + " of "
              + plan.faults()
              + " faults; give the VM more RAM, or the migration less --bandwidth");
    }
    return result;
  }
}
