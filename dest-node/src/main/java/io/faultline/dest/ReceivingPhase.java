package io.faultline.dest;

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
  private final IncomingVm vm;
  private final IncomingLink link;
  private @Nullable PreparedMemory prepared;
  private boolean stateLoaded;
  private boolean discarded;
  private int round;

  ReceivingPhase(IncomingVm vm, IncomingLink link) {
    this.vm = vm;
    this.link = link;
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
  PreparedMemory describe(VmDescription description) throws WireException {
    require(prepared == null, "VM_DESCRIPTION");
    PreparedMemory made = PreparedMemory.of(vm, description, link::admit);
    prepared = made;
    link.register(made.regions(), made.parameters());
    link.send(ControlFrames.memoryPrepared());
    return made;
  }

  /** Every page of a precopy round has been placed. */
  void roundReceived(int received) throws WireException {
    require(!stateLoaded && received == round + 1, "end of round " + received);
    round = received;
    link.send(ControlFrames.roundReceived(received));
  }

  /** The pages of the discard set have been discarded. */
  void discarded() throws WireException {
    require(!discarded, "set of pages to discard");
    discarded = true;
  }

  /** Loads the state of vCPUs and devices. */
  void load(DeviceState deviceState) throws WireException {
    require(prepared != null && !stateLoaded, "DEVICE_STATE");
    try {
      vm.loadDeviceState(deviceState.getState(), deviceState.getClockOffsetNanos());
    } catch (IncomingVmException e) {
      throw new WireException("the device state cannot be loaded: " + e.getMessage(), e);
    }
    stateLoaded = true;
    if (prepared != null && !prepared.parameters().discards()) {
      link.precopyEnded(); // otherwise the end of the discard set ends precopy
    }
  }

  /** Whether the VM could be started. */
  boolean isReady() {
    boolean waits = prepared != null && prepared.parameters().discards() && !discarded;
    return stateLoaded && !waits;
  }

  private static void require(boolean inOrder, String what) throws WireException {
    if (!inOrder) {
      throw new WireException("an unexpected " + what + " during " + IncomingState.RECEIVING);
    }
  }
}
