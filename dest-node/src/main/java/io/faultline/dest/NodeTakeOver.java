package io.faultline.dest;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Hello;
import io.faultline.proto.wire.VmDescription;
import java.io.IOException;

/**
 * What the state machine begins with if another process had the migration before: its session,
 * which has ended, its memory and its stage. Immutable; applied on the control loop.
 */
final class NodeTakeOver {
  private final IncomingSession session;
  private final VmDescription description;
  private final SurvivingState state;
  private final TakeOverStage stage;

  /**
   * @throws IOException if the record cannot be read, or had not come to READY
   */
  NodeTakeOver(MigrationIdentity identity, SurvivingState state) throws IOException {
    this.state = state;
    stage = state.stage();
    if (stage == TakeOverStage.RECEIVING) {
      throw new IOException("READY was never sent, so the VM continues at the source");
    }
    session = new IncomingSession(parse(identity.hello()));
    try {
      description = VmDescription.parseFrom(identity.description());
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("the recorded description of the VM is damaged", e);
    }
  }

  private static Hello parse(ByteString hello) throws IOException {
    try {
      return Hello.parseFrom(hello);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("the recorded hello is damaged", e);
    }
  }

  /** The session of the other process. */
  IncomingSession session() {
    return session;
  }

  /**
   * Begins the migration where the other process was.
   *
   * @throws WireException if the VM is not as recorded
   */
  void begin(
      IncomingDispatcher dispatcher,
      IncomingEffects effects,
      IncomingVm vm,
      DestinationSettings settings,
      IncomingCounters counters)
      throws WireException {
    long now = dispatcher.now();
    PreparedMemory memory = PreparedMemory.of(vm, description, (type, configuration, all) -> {});
    SourceLiveness source = SourceLiveness.of(settings, session.hello().getSilenceMillis(), now);
    IncomingMigration migration = new IncomingMigration(vm, effects, counters, source, now);
    // First: if it fails, there is no migration yet by which the end of this node ends the VM.
    effects.takeOver(memory, session, state, stage == TakeOverStage.COMPLETE);
    dispatcher.begin(migration, session);
    migration.takeOver(memory, stage, now);
    dispatcher.publish(false);
  }
}
