package io.faultline.restore;

import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.outcome.Outcome;
import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The dump of a made-up process, the origin of its pages, and an outcome that does nothing. */
final class RehearsedDump implements DumpedTasks, PageOrigin, Outcome {
  static final int PID = 1;

  private final DumpLayout layout;
  private final MemorySegment contents;
  private @Nullable PageReceiver receiver;

  RehearsedDump(long address, int pages) {
    layout = new DumpLayout(PID, new long[] {address}, new long[] {pages});
    contents = Arena.ofAuto().allocate((long) pages * DumpLayout.PAGE_BYTES, DumpLayout.PAGE_BYTES);
  }

  @Override
  public void open() {}

  @Override
  public Set<Integer> processes() {
    return Set.of(PID);
  }

  @Override
  public DumpLayout layout(int pid) {
    return layout;
  }

  @Override
  public void start(PageReceiver to) {
    receiver = to;
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    if (receiver != null) {
      long offset = address - layout.startOf(0);
      receiver.pages(pid, address, pages, contents.address() + offset);
    }
  }

  @Override
  public void flush() {}

  @Override
  public boolean isImmediate() {
    return true;
  }

  @Override
  public void finish() {
    if (receiver != null) {
      receiver.finished();
    }
  }

  @Override
  public void abort() {
    receiver = null;
  }

  @Override
  public void restored() {}

  @Override
  public void received(int criuPid, int pid, Space space) {}

  @Override
  public void forked(Space parent, Space child) {}

  @Override
  public void completed(Space space) {}

  @Override
  public boolean isOwned() {
    return false;
  }

  @Override
  public boolean failed(boolean isResumable) {
    return true;
  }

  @Override
  public Source source() {
    return Source.RUNS_ON;
  }

  @Override
  public void ended() {}
}
