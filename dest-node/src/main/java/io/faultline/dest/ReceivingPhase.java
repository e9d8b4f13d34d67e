package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.IncomingVm.Loading;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.DeviceState;
import io.faultline.proto.wire.VmDescription;
import org.jspecify.annotations.Nullable;

/**
 * The part of the state machine before READY: prepares memory, counts precopy rounds, waits for the
 * discard set, and loads the device state. Confined to the control loop.
 */
final class ReceivingPhase {
  /** More than the devices of any VM have. */
  static final int MAX_STATE_BYTES = 64 << 20;

  private final IncomingVm vm;
  private final IncomingLink link;
  private final SourceLiveness source;
  private final SourceWatch watch;
  private final CompletionTracker completion;
  private final IncomingTimes times;
  private @Nullable PreparedMemory prepared;
  private final Runnable onLoaded;
  private @Nullable DeviceState deviceState;

  /** Of the device state: what has arrived, and was not given to the VM. */
  private ByteString parts = ByteString.EMPTY;

  private int partBytes;

  /** Whether the state comes in parts, of which there may be no byte yet. */
  private boolean inParts;

  /** Whether devices may read and write memory. */
  private boolean touchesMemory;

  /** Whether loading has begun: elsewhere, since devices wait for pages that this loop fetches. */
  private boolean loadsAside;

  /** What the control loop waits for; null if a thread does. */
  private @Nullable Loading loading;

  private boolean stateLoaded;
  private boolean discarded;
  private int round;

  /**
   * @param onLoaded called when the device state was loaded later than it arrived
   */
  ReceivingPhase(
      IncomingVm vm,
      IncomingLink link,
      SourceLiveness source,
      SourceWatch watch,
      CompletionTracker completion,
      IncomingTimes times,
      Runnable onLoaded) {
    this.vm = vm;
    this.link = link;
    this.source = source;
    this.watch = watch;
    this.completion = completion;
    this.times = times;
    this.onLoaded = onLoaded;
  }

  /** The VM's memory; null until the source has described the VM. */
  @Nullable PreparedMemory prepared() {
    return prepared;
  }

  /** Base pages of all regions. */
  long totalPages() {
    return prepared == null ? 0 : prepared.totalPages();
  }

  /** Whether pages are placed with COPY. */
  boolean isCopied() {
    return prepared != null && prepared.parameters().placement() == Placement.COPY;
  }

  /** Builds the VM and registers its memory. */
  void describe(VmDescription description, long nowNanos) throws WireException {
    require(prepared == null, "VM_DESCRIPTION");
    PreparedMemory made = PreparedMemory.of(vm, description, link::admit);
    prepared = made;
    link.register(made);
    link.send(ControlFrames.memoryPrepared());
    if (made.parameters().precopy()) {
      watch.precopyStarted(source.peerMillis(), nowNanos);
    } else if (!made.parameters().hasStaleSet()) {
      completion.expect(made.totalPages());
    }
  }

  /** Goes on after the end of this phase, of which another process had come. */
  void takenOver(PreparedMemory memory) {
    prepared = memory;
    loadsAside = true;
    touchesMemory = true;
    stateLoaded = true;
    discarded = true;
  }

  /** Every page of a precopy round has been placed. */
  void roundReceived(int received) throws WireException {
    boolean inOrder = deviceState == null && !inParts && received == round + 1;
    require(inOrder, "end of round " + received);
    round = received;
    link.send(ControlFrames.roundReceived(received));
  }

  /** The pages of the discard set have been discarded, and will be sent again. */
  void discarded(long pages, long tookNanos) throws WireException {
    require(!discarded, "set of pages to discard");
    discarded = true;
    times.discardNanos = tookNanos;
    completion.expect(pages);
    loadParts();
    loadAside();
  }

  /** A part of the device state has arrived, after which there is more. */
  void part(ByteString bytes) throws WireException {
    require(prepared != null && deviceState == null, "DEVICE_STATE_PART");
    if (bytes.size() > MAX_STATE_BYTES - partBytes) {
      throw new WireException("a device state of more than " + MAX_STATE_BYTES + " bytes");
    }
    inParts = true;
    partBytes += bytes.size();
    parts = parts.concat(bytes);
    loadParts();
  }

  private void loadParts() throws WireException {
    if (!inParts || !vm.loadsInParts() || waitsForDiscards()) {
      return;
    }
    if (vm.loadTouchesMemory()) {
      endPrecopy();
      touchMemory();
    }
    try {
      vm.loadPart(parts);
    } catch (IncomingVmException e) {
      throw cannotBeLoaded(e);
    }
    parts = ByteString.EMPTY;
  }

  /** Loads the state of vCPUs and devices, or begins to. */
  void load(DeviceState arrived, long nowNanos) throws WireException {
    times.stateArrivedNanos = nowNanos;
    watch.awaitRun(nowNanos);
    require(prepared != null && deviceState == null, "DEVICE_STATE");
    deviceState = arrived;
    if (!vm.loadTouchesMemory()) {
      load(arrived);
      stateLoaded = true;
    }
    endPrecopy();
    loadAside();
  }

  /** Unless the end of the discard set ends it, or it has ended. */
  private void endPrecopy() {
    if (prepared != null && !prepared.parameters().discards() && !touchesMemory) {
      link.precopyEnded();
    }
  }

  private void touchMemory() {
    if (!touchesMemory) {
      touchesMemory = true;
      link.guestStarts(); // devices may change pages, too
    }
  }

  /** Loads the state on another thread if that touches memory, once the memory is as it will be. */
  private void loadAside() throws WireException {
    DeviceState arrived = deviceState;
    if (arrived == null || loadsAside || !vm.loadTouchesMemory() || waitsForDiscards()) {
      return;
    }
    loadsAside = true;
    touchMemory();
    loading = begin(arrived);
    if (loading != null) {
      link.poll(loading.descriptor(), this::poll);
      poll(); // it may have ended already
      return;
    }
    link.aside(
        () -> {
          try {
            load(arrived);
            link.later(this::loaded);
          } catch (WireException e) {
            link.later(
                () -> {
                  throw e;
                });
          } catch (RuntimeException e) {
            link.later(
                () -> {
                  throw e;
                });
          }
        });
  }

  private @Nullable Loading begin(DeviceState arrived) throws WireException {
    try {
      return vm.beginLoading(parts.concat(arrived.getState()), arrived.getClockOffsetNanos());
    } catch (IncomingVmException e) {
      throw cannotBeLoaded(e);
    }
  }

  private void poll() throws WireException {
    Loading current = loading;
    try {
      if (current == null || !current.isDone()) {
        return;
      }
    } catch (IncomingVmException e) {
      throw cannotBeLoaded(e);
    }
    loading = null;
    link.endPolling();
    loaded();
  }

  private void loaded() {
    stateLoaded = true;
    onLoaded.run();
  }

  private void load(DeviceState arrived) throws WireException {
    try {
      vm.loadDeviceState(parts.concat(arrived.getState()), arrived.getClockOffsetNanos());
    } catch (IncomingVmException e) {
      throw cannotBeLoaded(e);
    }
  }

  private static WireException cannotBeLoaded(IncomingVmException e) {
    return new WireException("the device state cannot be loaded: " + e.getMessage(), e);
  }

  /** Whether pages may be requested, because devices touch them while their state is loaded. */
  boolean requestsPages() {
    return touchesMemory;
  }

  /** Whether the VM could be started. */
  boolean isReady() {
    return stateLoaded && !waitsForDiscards();
  }

  private boolean waitsForDiscards() {
    return prepared != null && prepared.parameters().discards() && !discarded;
  }

  private static void require(boolean inOrder, String what) throws WireException {
    if (!inOrder) {
      throw new WireException("an unexpected " + what + " during " + IncomingState.RECEIVING);
    }
  }
}
