package io.faultline.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.wire.Frame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records what the state machine does, and every frame that it sends. */
final class RecordingLink implements IncomingLink {
  final List<Frame> sent = new ArrayList<>();
  final List<Task> later = new ArrayList<>();
  final List<Runnable> aside = new ArrayList<>();

  /** The recorded stages, with the call and the frame before each. */
  final List<String> stages = new ArrayList<>();

  /** What runs when the descriptor is readable; null for nothing. */
  @Nullable Task polled;

  /** Whether what sends is broken. */
  boolean broken;

  /** Whether a snapshot uses memory. */
  boolean lent;

  private final List<String> calls;

  /** Why the machine refuses the VM; null if it admits it. */
  @Nullable String refusal;

  /** With which command another process takes over; null if none can. */
  @Nullable String takeOver;

  /**
   * @param calls gets the name of each call
   */
  RecordingLink(List<String> calls) {
    this.calls = calls;
  }

  @Override
  public boolean isMemoryLent() {
    return lent;
  }

  @Override
  public void admit(String type, ByteString configuration, List<AnnouncedRegion> regions)
      throws IncomingVmException {
    if (refusal != null) {
      throw new IncomingVmException(refusal);
    }
  }

  @Override
  public void send(Frame frame) {
    if (broken) {
      throw new NoClassDefFoundError("a part of the link");
    }
    sent.add(frame);
  }

  @Override
  public void register(PreparedMemory memory) {
    calls.add("register");
  }

  @Override
  public void enter(TakeOverStage stage) {
    String call = calls.isEmpty() ? "nothing" : calls.getLast();
    String frame = sent.isEmpty() ? "nothing" : sent.getLast().getBodyCase().toString();
    stages.add(stage + " after " + call + " and " + frame);
  }

  @Override
  public void precopyEnded() {
    calls.add("precopy ended");
  }

  @Override
  public void guestStarts() {
    calls.add("guest starts");
  }

  @Override
  public void unregister(boolean complete) {
    calls.add(complete ? "unregister" : "unregister incomplete");
  }

  @Override
  public @Nullable String leave() {
    if (takeOver != null) {
      calls.add("leave");
    }
    return takeOver;
  }

  @Override
  public long giveUpMissingPages() {
    calls.add("give up missing");
    return 7;
  }

  @Override
  public void aside(Runnable task) {
    calls.add("aside");
    aside.add(task);
  }

  @Override
  public void poll(int descriptor, Task task) {
    calls.add("poll " + descriptor);
    polled = task;
  }

  @Override
  public void endPolling() {
    calls.add("end polling");
    polled = null;
  }

  @Override
  public void later(Task task) {
    later.add(task);
  }

  @Override
  public void disconnect(String why) {
    calls.add("disconnect");
  }

  @Override
  public void report() {
    calls.add("report");
  }

  @Override
  public void resume() {
    calls.add("resume");
  }

  @Override
  public void ended() {
    calls.add("ended");
  }

  Frame last() {
    return sent.getLast();
  }
}
