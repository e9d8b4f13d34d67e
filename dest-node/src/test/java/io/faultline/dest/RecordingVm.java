package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A VM without vCPUs that records the name of each call. */
class RecordingVm implements IncomingVm {
  static final long FIRST_INSTRUCTION_NANOS = 42;

  /** What {@link #prepare} returns. */
  MemoryRegion ram;

  /** Whether {@link #abandon} throws. */
  boolean abandonFails;

  boolean loadTouchesMemory;
  boolean loadsInParts;

  /** What {@link #loadPart} and {@link #loadDeviceState} got. */
  String state = "";

  /** Why {@link #loadDeviceState} fails; null if it does not. */
  @Nullable String loadProblem;

  /** Whether {@link #loadDeviceState} breaks. */
  boolean loadBreaks;

  /** To poll while the state is loaded; negative for a state that a thread waits for. */
  int descriptor = -1;

  /** Whether a state that has a descriptor is loaded. */
  boolean loaded;

  /** Why the VM has ended; null if it has not. */
  @Nullable String ended;

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
  public boolean loadTouchesMemory() {
    return loadTouchesMemory;
  }

  @Override
  public boolean loadsInParts() {
    return loadsInParts;
  }

  @Override
  public void loadPart(ByteString part) throws IncomingVmException {
    calls.add("load part");
    state += part.toStringUtf8();
    if (loadProblem != null) {
      throw new IncomingVmException(loadProblem);
    }
  }

  @Override
  public void loadDeviceState(ByteString rest, long clockOffsetNanos) throws IncomingVmException {
    calls.add("load " + clockOffsetNanos);
    state += rest.toStringUtf8();
    if (loadBreaks) {
      throw new IllegalStateException("the VM is broken");
    }
    if (loadProblem != null) {
      throw new IncomingVmException(loadProblem);
    }
  }

  @Override
  public @Nullable Loading beginLoading(ByteString rest, long clockOffsetNanos)
      throws IncomingVmException {
    if (descriptor < 0) {
      return null;
    }
    calls.add("begin to load " + clockOffsetNanos);
    state += rest.toStringUtf8();
    return new Loading() {
      @Override
      public int descriptor() {
        return descriptor;
      }

      @Override
      public boolean isDone() throws IncomingVmException {
        if (loadProblem != null) {
          throw new IncomingVmException(loadProblem);
        }
        return loaded;
      }
    };
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    calls.add("start");
    onFirstInstruction.ran(FIRST_INSTRUCTION_NANOS);
  }

  @Override
  public @Nullable String ended() {
    return ended;
  }

  @Override
  public void abandon() {
    calls.add("abandon");
    if (abandonFails) {
      throw new IllegalStateException("a vCPU does not stop");
    }
  }
}
