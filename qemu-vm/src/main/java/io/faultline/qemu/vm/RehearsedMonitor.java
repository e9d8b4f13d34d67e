package io.faultline.qemu.vm;

import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.uffd.linux.process.DescriptorPair;
import java.io.IOException;
import java.nio.file.Path;

/** The monitor of a {@link RehearsedQemu}, which a thread of its own serves. */
final class RehearsedMonitor implements AutoCloseable {
  private static final Path NOWHERE = Path.of("rehearsal");
  private static final long END_MILLIS = 5000;

  private final Thread qemu;
  private final QmpConnection connection;

  private RehearsedMonitor(Thread qemu, QmpConnection connection) {
    this.qemu = qemu;
    this.connection = connection;
  }

  static RehearsedMonitor open() throws IOException, InterruptedException {
    DescriptorPair ends = DescriptorPair.open();
    Thread qemu = Thread.ofPlatform().daemon().name("rehearsed-qemu").unstarted(() -> serve(ends));
    qemu.start();
    return new RehearsedMonitor(qemu, QmpConnection.over(ends.one(), NOWHERE));
  }

  private static void serve(DescriptorPair ends) {
    try (RehearsedQemu qemu = new RehearsedQemu(ends.other())) {
      qemu.serve();
    } catch (IOException e) {
      // the other end sees that it is closed
    }
  }

  QmpConnection connection() {
    return connection;
  }

  @Override
  public void close() {
    connection.close();
    try {
      qemu.join(END_MILLIS); // it ends with the connection
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
