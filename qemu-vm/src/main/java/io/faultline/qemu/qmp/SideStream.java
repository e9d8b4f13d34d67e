package io.faultline.qemu.qmp;

import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What must be read while a thread waits at the monitor, so that QEMU can go on writing to it. */
public interface SideStream {
  /** Nothing. */
  SideStream NONE =
      new SideStream() {
        @Override
        public @Nullable DescriptorConnection open() {
          return null;
        }

        @Override
        public void read() {}
      };

  /** What to wait for beside the monitor; null once that has ended. */
  @Nullable DescriptorConnection open();

  /**
   * Reads what is there, and returns without waiting.
   *
   * @throws IOException if it must not be read any more; ends the wait
   */
  void read() throws IOException;
}
