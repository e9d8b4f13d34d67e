package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.takeover.StateKeeper;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.dest.takeover.WrittenPages;
import io.faultline.proto.DescriptorPoll;
import io.faultline.proto.SocketAddresses;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what the state machine decides, on the connections of the current session and on the
 * guest's memory. Confined to the control loop.
 */
final class IncomingEffects implements IncomingLink {
  private final IoEventLoop loop;
  private final IncomingDispatcher dispatcher;
  private final IncomingVm vm;
  private final DestinationSettings settings;
  private final IncomingMemory memory;
  private final AdmittedMemory admitted;
  private final ExecutorService loader =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("load-device-state").factory());
  private final Consumer<String> log;
  private VmDescribed onDescribed = (parameters, peer) -> {};
  private @Nullable SurvivingState state;
  private @Nullable DescriptorPoll polled;

  /**
   * @param loop the control loop
   * @param log gets a line when the connection is lost, and when the source is back
   */
  IncomingEffects(
      IoEventLoop loop,
      IncomingDispatcher dispatcher,
      IncomingVm vm,
      DestinationSettings settings,
      IncomingMemory memory,
      IncomingCounters counters,
      Consumer<String> log) {
    this.loop = loop;
    this.dispatcher = dispatcher;
    this.vm = vm;
    this.settings = settings;
    this.memory = memory;
    admitted = new AdmittedMemory(settings.admission(), counters);
    this.log = log;
  }

  /** Called once the source has described the VM. */
  interface VmDescribed {
    /** Receives how the VM is migrated, and the source's address. */
    void described(MigrationParameters parameters, String peer);
  }

  /** Sets what is called once the source has described the VM. Before the first event. */
  void onDescribed(VmDescribed task) {
    onDescribed = task;
  }

  @Override
  public void send(Frame frame) {
    dispatcher.current().send(frame);
  }

  @Override
  public void admit(String type, ByteString configuration, List<AnnouncedRegion> regions)
      throws IncomingVmException {
    int channels = dispatcher.current().channels();
    admitted.admit(IncomingDemand.of(vm, type, configuration, regions, channels));
  }

  @Override
  public void register(PreparedMemory prepared) throws WireException {
    IncomingSession of = dispatcher.current();
    admitted.mapped();
    if (vm.loadTouchesMemory()) {
      loader.execute(() -> {}); // starts the thread, for which the guest would wait
    }
    keep(prepared, of);
    memory.start(vm, prepared, of, new BulkEvents(dispatcher, of), written());
    onDescribed.described(
        prepared.parameters(), SocketAddresses.format(of.controlChannel().remoteAddress()));
  }

  private void keep(PreparedMemory prepared, IncomingSession of) throws WireException {
    StateKeeper keeper = settings.keeper();
    if (keeper != null) {
      boolean withPages = prepared.parameters().hasStaleSet();
      try {
        state =
            keeper.begin(
                of.migrationId(),
                of.identity(prepared.description()),
                prepared.regions(),
                withPages);
      } catch (IOException e) {
        throw new WireException(
            "this destination cannot record the migration: " + e.getMessage(), e);
      }
    }
  }

  private WrittenPages written() {
    return state == null ? WrittenPages.NONE : state;
  }

  /**
   * Goes on with the memory of a migration whose node was killed, where its state is kept.
   *
   * @param complete whether all of it has arrived
   */
  void takeOver(
      PreparedMemory prepared, IncomingSession of, SurvivingState kept, boolean complete) {
    state = kept;
    if (!complete) {
      memory.takeOver(vm, prepared, of, kept);
    }
  }

  @Override
  public void enter(TakeOverStage stage) {
    if (state != null) {
      state.enter(stage);
    }
  }

  @Override
  public void precopyEnded() {
    memory.precopyEnded();
  }

  @Override
  public void guestStarts() {
    memory.guestStarts();
  }

  @Override
  public void unregister(boolean complete) {
    dispatcher.current().setReceiver(null);
    memory.close(complete);
  }

  @Override
  public boolean isMemoryLent() {
    return memory.isLent();
  }

  @Override
  public @Nullable String leave() {
    StateKeeper keeper = settings.keeper();
    if (keeper == null || state == null) {
      return null;
    }
    String command = keeper.leave();
    dispatcher.current().setReceiver(null);
    memory.leave();
    return command;
  }

  @Override
  public long giveUpMissingPages() {
    return memory.giveUpMissing(vm);
  }

  @Override
  public void aside(Runnable task) {
    loader.execute(task);
  }

  @Override
  public void poll(int descriptor, Task task) {
    polled =
        DescriptorPoll.start(
            descriptor,
            loop,
            () -> dispatcher.now(task),
            e -> dispatcher.failed(String.valueOf(e.getMessage())));
  }

  @Override
  public void endPolling() {
    DescriptorPoll current = polled;
    polled = null;
    if (current != null) {
      current.stop();
    }
  }

  @Override
  public void later(Task task) {
    dispatcher.later(task);
  }

  @Override
  public void disconnect(String why) {
    log.accept("paused: connection lost (" + why + "); waiting for the source");
    memory.pause();
    dispatcher.current().close();
  }

  @Override
  public void report() {
    IncomingSession to = dispatcher.current();
    memory.report(
        to, missing -> dispatcher.onMigration(to, at -> at.reported(missing, dispatcher.now())));
  }

  @Override
  public void resume() {
    log.accept("the source is back: the migration continues");
    memory.resume(dispatcher.current());
  }

  @Override
  public void ended() {
    endPolling();
    admitted.close();
    loader.shutdown();
    IncomingSession session = dispatcher.session();
    if (session != null) {
      session.closeWhenSent();
    }
    IncomingMigration migration = dispatcher.migration();
    if (migration != null) {
      dispatcher.publish(false);
      migration.times().record(settings.recording());
      dispatcher.result().complete(migration.report(dispatcher.now()));
    }
  }
}
