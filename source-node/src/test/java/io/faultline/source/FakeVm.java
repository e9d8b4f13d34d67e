package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A VM that records the calls. */
final class FakeVm implements OutgoingVm {
  final List<String> calls = new ArrayList<>();
  final FakeDirtyLog log = new FakeDirtyLog(calls);
  boolean brokenPause;
  boolean brokenResume;
  boolean ended;

  /** Gets a part of the state in each call of which there may be one. */
  Consumer<ByteString> parts = part -> {};

  ByteString survivor = ByteString.EMPTY;

  /** What a later process needs of the state, and what that is expected to be; null for all. */
  @Nullable ByteString recorded;

  @Nullable ByteString expected;
  private final List<MemoryRegion> regions;

  FakeVm(List<MemoryRegion> regions) {
    this.regions = regions;
  }

  @Override
  public String type() {
    return "fake";
  }

  @Override
  public ByteString configuration() {
    return ByteString.copyFromUtf8("configuration");
  }

  @Override
  public ByteString survivor() {
    return survivor;
  }

  @Override
  public List<MemoryRegion> regions() {
    return regions;
  }

  @Override
  public DirtyLog dirtyLog() {
    return log;
  }

  @Override
  public void passStateTo(Consumer<ByteString> to) {
    parts = to;
  }

  @Override
  public void pause() {
    calls.add("pause");
    parts.accept(ByteString.copyFromUtf8("st"));
    if (brokenPause) {
      throw new UncheckedIOException("QEMU did not reply", new IOException("QEMU did not reply"));
    }
  }

  @Override
  public void resume() {
    calls.add("resume");
    if (brokenResume) {
      throw new IllegalStateException("stuck");
    }
  }

  @Override
  public boolean hasEnded() {
    return ended;
  }

  @Override
  public @Nullable ByteString expectedRecord() {
    return expected;
  }

  @Override
  public ByteString recordedState(ByteString state) {
    return recorded == null ? state : recorded;
  }

  @Override
  public ByteString deviceState() {
    calls.add("state");
    parts.accept(ByteString.copyFromUtf8("at"));
    return ByteString.copyFromUtf8("state");
  }
}
