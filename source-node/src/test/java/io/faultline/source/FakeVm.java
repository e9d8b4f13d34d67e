package io.faultline.source;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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
  public ByteString deviceState() {
    calls.add("state");
    parts.accept(ByteString.copyFromUtf8("at"));
    return ByteString.copyFromUtf8("state");
  }
}
