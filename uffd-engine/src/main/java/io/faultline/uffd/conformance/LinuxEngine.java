package io.faultline.uffd.conformance;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.ChildProcess;
import io.faultline.uffd.linux.ChildProgram;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.LinuxProbe;
import java.util.List;

/** The engine of the real kernel, with real processes. */
final class LinuxEngine implements Engine {
  private static final int SIGNALLED = 128;

  private final LinuxKernel kernel = new LinuxKernel();
  private final LinuxProbe probe = new LinuxProbe();

  @Override
  public Kernel kernel() {
    return kernel;
  }

  @Override
  public Handshake handshake(OpenPath path, long version, long features) {
    LinuxProbe.Handshake result = probe.handshake(path, version, features);
    return new Handshake(result.first(), result.features(), result.ioctls(), result.second());
  }

  @Override
  public int poll(Userfaultfd uffd) {
    return probe.poll(uffd.fd());
  }

  @Override
  public int kernelLoad(long address) {
    return probe.kernelLoad(address);
  }

  @Override
  public int kernelStore(long address) {
    return probe.kernelStore(address);
  }

  @Override
  public AutoCloseable pin(long address, long lengthBytes) {
    return probe.pin(address, lengthBytes);
  }

  @Override
  public Child fork(List<Step> steps) {
    ChildProgram program = program(steps);
    return new LinuxChild(program, probe.fork(program));
  }

  @Override
  public Child share(List<Step> steps) {
    ChildProgram program = program(steps);
    return new LinuxChild(program, probe.share(program));
  }

  private ChildProgram program(List<Step> steps) {
    ChildProgram program = new ChildProgram();
    for (Step step : steps) {
      add(program, step);
    }
    return program;
  }

  private int add(ChildProgram program, Step step) {
    return switch (step) {
      case Step.Load load -> program.load(load.address());
      case Step.Store store -> program.store(store.address(), store.value());
      case Step.Drop drop -> program.advise(drop.address(), drop.lengthBytes(), Advice.DONT_NEED);
      case Step.Move move -> program.remap(move.address(), move.lengthBytes());
      case Step.MoveOnto move -> program.remap(move.address(), move.lengthBytes(), move.target());
      case Step.Pause ignored -> program.pause();
    };
  }

  private record LinuxChild(ChildProgram program, ChildProcess process) implements Child {
    @Override
    public boolean hasEnded() {
      return process.poll() != ChildProcess.RUNNING;
    }

    @Override
    public boolean hasMemoryError() {
      int code = process.poll();
      return code > ChildProcess.MEMORY_ERROR && code < SIGNALLED;
    }

    @Override
    public long result(int step) {
      return program.result(step + 1); // step 0 sets up the signal handler
    }

    @Override
    public Pagemap openPagemap() {
      return process.openPagemap();
    }

    @Override
    public void close() {
      process.close();
      program.close();
    }
  }
}
