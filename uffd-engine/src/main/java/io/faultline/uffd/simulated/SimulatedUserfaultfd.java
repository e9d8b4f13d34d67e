package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
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
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** A userfaultfd of the simulated kernel. Thread-safe. */
final class SimulatedUserfaultfd implements Userfaultfd {
  private final FaultContext context;
  private final Registrations registrations;
  private final Fills fills;
  private final Moves moves;
  private final Protection protection;
  private final AtomicBoolean closed = new AtomicBoolean();

  SimulatedUserfaultfd(FaultContext context) {
    Scheduling scheduling = context.machine.scheduling;
    this.context = context;
    this.registrations = new Registrations(context);
    this.fills = new Fills(context, scheduling);
    this.moves = new Moves(context, scheduling);
    this.protection = new Protection(context);
  }

  @Override
  public FaultScope scope() {
    return context.scope;
  }

  @Override
  public Set<Feature> features() {
    return context.features;
  }

  @Override
  public int fd() {
    return -1;
  }

  @Override
  public void onReadable(Runnable listener) {
    context.onReadable(listener);
    if (context.isReadable()) {
      listener.run();
    }
  }

  @Override
  public void awaitReadable(int timeoutMillis) {
    context.awaitReadable(timeoutMillis);
  }

  /** Whether poll would return POLLIN; a read may still return nothing then. */
  boolean isReadable() {
    return context.isReadable();
  }

  FaultContext context() {
    return context;
  }

  @Override
  public Set<UffdIoctl> register(long address, long lengthBytes, Set<RegisterMode> modes) {
    checkOpen("UFFDIO_REGISTER");
    return registrations.register(address, lengthBytes, modes);
  }

  @Override
  public void unregister(long address, long lengthBytes) {
    checkOpen("UFFDIO_UNREGISTER");
    registrations.unregister(address, lengthBytes);
  }

  @Override
  public int read(EventBuffer buffer) {
    checkOpen("read(userfaultfd)");
    buffer.clear();
    return context.read(buffer);
  }

  @Override
  public long copy(long destination, long source, long lengthBytes, FillMode mode) {
    return fill(FillPage.COPY, destination, source, lengthBytes, mode);
  }

  @Override
  public long zeroPage(long address, long lengthBytes, FillMode mode) {
    return fill(FillPage.ZEROPAGE, address, 0, lengthBytes, mode);
  }

  @Override
  public long continueFault(long address, long lengthBytes, FillMode mode) {
    return fill(FillPage.CONTINUE, address, 0, lengthBytes, mode);
  }

  @Override
  public long poison(long address, long lengthBytes, FillMode mode) {
    return fill(FillPage.POISON, address, 0, lengthBytes, mode);
  }

  private long fill(FillPage how, long address, long source, long lengthBytes, FillMode mode) {
    checkOpen(how.call());
    return fills.fill(how, address, source, lengthBytes, mode);
  }

  @Override
  public long move(long destination, long source, long lengthBytes, MoveMode mode) {
    checkOpen("UFFDIO_MOVE");
    return moves.move(destination, source, lengthBytes, mode);
  }

  @Override
  public long writeProtect(long address, long lengthBytes, ProtectMode mode) {
    checkOpen("UFFDIO_WRITEPROTECT");
    return protection.writeProtect(address, lengthBytes, mode);
  }

  @Override
  public void wake(long address, long lengthBytes) {
    checkOpen("UFFDIO_WAKE");
    Calls.checkRange("UFFDIO_WAKE", address, lengthBytes);
    context.queues().wake(address, lengthBytes);
  }

  @Override
  public Userfaultfd adoptForked(int forkedDescriptor) {
    FaultContext forked = context.machine.adopt(forkedDescriptor);
    if (forked == null) {
      throw new SystemCallException("fork event's userfaultfd " + forkedDescriptor, Errno.EBADF);
    }
    return new SimulatedUserfaultfd(forked);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      registrations.endAll();
      context.release();
    }
  }

  @Override
  public String toString() {
    return "simulated userfaultfd (" + scope() + ", " + features() + ")";
  }

  private void checkOpen(String call) {
    if (closed.get()) {
      throw new SystemCallException(call, Errno.EBADF, "this userfaultfd is closed");
    }
  }
}
