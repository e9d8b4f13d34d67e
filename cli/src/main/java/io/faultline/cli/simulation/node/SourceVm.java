package io.faultline.cli.simulation.node;

import com.google.protobuf.ByteString;
import io.faultline.cli.simulation.guest.Guest;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import java.util.List;

/** The guest as the VM of the source. */
record SourceVm(Guest guest, List<MemoryRegion> regions) implements OutgoingVm {
  @Override
  public String type() {
    return "model";
  }

  @Override
  public ByteString configuration() {
    return ByteString.EMPTY;
  }

  @Override
  public DirtyLog dirtyLog() {
    return guest.dirtyLog();
  }

  @Override
  public void pause() {
    guest.pauseAtSource();
  }

  @Override
  public void resume() {
    guest.resumeAtSource();
  }

  @Override
  public ByteString deviceState() {
    return ByteString.copyFrom(guest.deviceState());
  }
}
