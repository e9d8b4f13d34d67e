package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import java.util.List;

/** A VM without vCPUs that records the name of each call. */
class RecordingVm implements IncomingVm {
  static final long FIRST_INSTRUCTION_NANOS = 42;

  /** What {@link #prepare} returns. */
  MemoryRegion ram;

  /** Whether {@link #abandon} throws. */
  boolean abandonFails;

  private final List<String> calls;

  RecordingVm(List<String> calls, MemoryRegion ram) {
    this.calls = calls;
    this.ram = ram;
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    calls.add("prepare");
    return List.of(ram);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) {
    calls.add("load " + clockOffsetNanos);
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    calls.add("start");
    onFirstInstruction.ran(FIRST_INSTRUCTION_NANOS);
  }

  @Override
  public void abandon() {
    calls.add("abandon");
    if (abandonFails) {
      throw new IllegalStateException("a vCPU does not stop");
    }
  }
}
