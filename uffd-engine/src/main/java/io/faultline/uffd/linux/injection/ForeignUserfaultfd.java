package io.faultline.uffd.linux.injection;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.UffdIoctl;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.process.PidFd;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A userfaultfd of another process, as this process uses it: closing closes the descriptor of both.
 * If this process just ends, the other one keeps it open: threads that wait for pages wait on.
 */
final class ForeignUserfaultfd implements Userfaultfd {
  private final Userfaultfd here;
  private final PidFd process;
  private final SystemCallInjector injector;
  private final OptionalInt descriptor;
  private final Consumer<String> onLeftOpen;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param here the duplicate of this process
   * @param descriptor its number in the other process; empty if it is closed there
   * @param onLeftOpen called with the reason if it cannot be closed there
   */
  ForeignUserfaultfd(
      Userfaultfd here,
      PidFd process,
      SystemCallInjector injector,
      OptionalInt descriptor,
      Consumer<String> onLeftOpen) {
    this.here = here;
    this.process = process;
    this.injector = injector;
    this.descriptor = descriptor;
    this.onLeftOpen = onLeftOpen;
  }

  @Override
  public FaultScope scope() {
    return here.scope();
  }

  @Override
  public Set<Feature> features() {
    return here.features();
  }

  @Override
  public int fd() {
    return here.fd();
  }

  @Override
  public void onReadable(Runnable listener) {
    here.onReadable(listener);
  }

  @Override
  public void awaitReadable(int timeoutMillis) {
    here.awaitReadable(timeoutMillis);
  }

  @Override
  public Set<UffdIoctl> register(long address, long lengthBytes, Set<RegisterMode> modes) {
    return here.register(address, lengthBytes, modes);
  }

  /** Does nothing if the process has exited. */
  @Override
  public void unregister(long address, long lengthBytes) {
    try {
      here.unregister(address, lengthBytes);
    } catch (SystemCallException e) {
      if (!process.hasExited()) {
        throw e;
      }
    }
  }

  @Override
  public int read(EventBuffer buffer) {
    return here.read(buffer);
  }

  @Override
  public long copy(long destination, long source, long lengthBytes, FillMode mode) {
    return here.copy(destination, source, lengthBytes, mode);
  }

  @Override
  public long zeroPage(long address, long lengthBytes, FillMode mode) {
    return here.zeroPage(address, lengthBytes, mode);
  }

  @Override
  public long continueFault(long address, long lengthBytes, FillMode mode) {
    return here.continueFault(address, lengthBytes, mode);
  }

  @Override
  public long move(long destination, long source, long lengthBytes, MoveMode mode) {
    throw new UnsupportedOperationException("UFFDIO_MOVE moves pages of one process only");
  }

  @Override
  public long poison(long address, long lengthBytes, FillMode mode) {
    return here.poison(address, lengthBytes, mode);
  }

  @Override
  public long writeProtect(long address, long lengthBytes, ProtectMode mode) {
    return here.writeProtect(address, lengthBytes, mode);
  }

  @Override
  public void wake(long address, long lengthBytes) {
    here.wake(address, lengthBytes);
  }

  @Override
  public Userfaultfd adoptForked(int forkedDescriptor) {
    return here.adoptForked(forkedDescriptor);
  }

  @Override
  public void detach() {
    if (closed.compareAndSet(false, true)) {
      here.close();
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      here.close();
      descriptor.ifPresent(this::closeThere);
    }
  }

  private void closeThere(int number) {
    try {
      injector.call(SystemCall.close(number));
    } catch (SystemCallException e) {
      onLeftOpen.accept("descriptor " + number + " stays open there: " + e.getMessage());
    }
  }
}
