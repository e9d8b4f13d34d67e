package io.faultline.source;

import io.faultline.proto.connect.ReconnectSchedule;
import io.faultline.proto.control.ControlOutcome;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * The user's commands to a migration that is under way. A command that is not possible in the
 * current state is refused with the reason. Confined to the control loop.
 */
final class OutgoingCommands {
  private final OutgoingMigration migration;
  private final SourceSettings settings;
  private final RateLimit limit;
  private final ReconnectSchedule reconnectSchedule;
  private final OutgoingConnector connector;
  private final Runnable pushBulk;

  /**
   * @param pushBulk lets the bulk connections go on after a pause
   */
  OutgoingCommands(
      OutgoingMigration migration,
      SourceSettings settings,
      RateLimit limit,
      ReconnectSchedule reconnectSchedule,
      OutgoingConnector connector,
      Runnable pushBulk) {
    this.migration = migration;
    this.settings = settings;
    this.limit = limit;
    this.reconnectSchedule = reconnectSchedule;
    this.connector = connector;
    this.pushBulk = pushBulk;
  }

  /** See {@link MigrationSource#requestBandwidth}. */
  ControlOutcome bandwidth(long bytesPerSecond) {
    if (migration.state().isFinal()) {
      return tooLate();
    }
    limit.set(bytesPerSecond);
    pushBulk.run();
    return ControlOutcome.done("the limit of the bulk connections has changed");
  }

  /** See {@link MigrationSource#requestSwitchover}. */
  ControlOutcome switchOver(long nowNanos) {
    return switch (migration.state()) {
      case SETUP -> notYet();
      case PRECOPY -> {
        if (settings.mode() == MigrationMode.PRECOPY && !settings.precopy().postcopyAllowed()) {
          yield ControlOutcome.refused("this migration may not use postcopy");
        }
        migration.switchOverNow(nowNanos);
        yield ControlOutcome.done(
            "precopy ends, and the switchover begins"
                + (limit.isPaused() ? "; the bulk stream stays paused" : ""));
      }
      default -> tooLate();
    };
  }

  /** See {@link MigrationSource#requestCancel}. */
  ControlOutcome cancel(long nowNanos) {
    if (migration.isCommitted() || migration.state().isFinal()) {
      return tooLate();
    }
    migration.cancel(nowNanos);
    return ControlOutcome.done("the migration was cancelled; the VM continues at the source");
  }

  /** See {@link MigrationSource#pauseBulk}. */
  ControlOutcome pause(long nowNanos) {
    return switch (migration.state()) {
      case SETUP -> notYet();
      case PRECOPY, POSTCOPY, PAUSED, RECOVERING -> {
        if (limit.isPaused()) {
          yield ControlOutcome.done("the bulk stream was paused before");
        }
        limit.setPaused(true);
        migration.handover().rounds().pause(nowNanos);
        yield ControlOutcome.done("the bulk stream is paused; requested pages are still sent");
      }
      case SWITCHOVER ->
          ControlOutcome.refused("refused during the switchover: the VM is paused, and waits");
      case COMPLETED, CANCELLED, FAILED -> tooLate();
    };
  }

  /** See {@link MigrationSource#resumeBulk}. */
  ControlOutcome resume(long nowNanos) {
    if (migration.state().isFinal()) {
      return tooLate();
    }
    if (!limit.isPaused()) {
      return ControlOutcome.done("the bulk stream was not paused");
    }
    limit.setPaused(false);
    migration.resumeBulk(nowNanos);
    pushBulk.run();
    return ControlOutcome.done("the bulk stream goes on");
  }

  /** See {@link MigrationSource#addDestination}. */
  ControlOutcome addDestination(InetSocketAddress address, long nowNanos) {
    if (migration.state().isFinal()) {
      return tooLate();
    }
    try {
      settings.security().require(address);
      reconnectSchedule.tryFirst(connector.addDestination(address), nowNanos);
    } catch (IllegalArgumentException | IOException e) {
      return ControlOutcome.refused(String.valueOf(e.getMessage()));
    }
    if (migration.state() == OutgoingState.PAUSED) {
      migration.tick(nowNanos);
      return ControlOutcome.done("reconnecting to this address now");
    }
    return ControlOutcome.done("this address is tried first when the connection is lost");
  }

  private static ControlOutcome notYet() {
    return ControlOutcome.refused(
        "too early: the destination prepares its memory; try again when precopy has begun");
  }

  private ControlOutcome tooLate() {
    String what =
        switch (migration.state()) {
          case COMPLETED -> "the migration has completed";
          case CANCELLED -> "the migration was cancelled; the VM runs at the source";
          case FAILED -> "the migration has failed: " + migration.error();
          case SWITCHOVER -> "the switchover has begun";
          default -> "RUN was sent; the destination owns the VM";
        };
    return ControlOutcome.refused("too late: " + what);
  }
}
