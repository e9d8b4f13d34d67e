package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.SystemCallException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.HexFormat;

/**
 * The machine code of a child process. A forked child of a JVM must run neither Java nor the C
 * library: all threads but one are gone, and may have held locks. So it runs this loop over a
 * program of 64-byte steps, each a system call with its arguments and a field for its result.
 *
 * <pre>
 *   run(flags, stack, program):
 *          r9 = program; rax = clone(flags, stack); if (rax != 0) return rax
 *          r12 = r9
 *   next:  op = [r12]
 *          -1: rax = *[r12+8]                       load
 *          -2: *[r12+8] = rax = [r12+16]            store
 *          else: rax = syscall op([r12+8] to [r12+48])
 *          [r12+56] = rax; r12 += 64; goto next
 *   handler(signal, info):
 *          exit_group(64 + info.si_code)
 * </pre>
 *
 * A program ends with the system call exit_group.
 */
final class ChildCode {
  static final long LOAD = -1;
  static final long STORE = -2;

  static final long RT_SIGACTION = 13;
  static final long MADVISE = 28;
  static final long MREMAP = 25;
  static final long PAUSE = 34;
  static final long EXIT_GROUP = 231;

  private static final String X86_64 =
      "4989d1b8380000000f054885c07401c3"
          + "4d89cc498b04244883f8ff74314883f8fe7435"
          + "498b7c2408498b742410498b5424184d8b5424204d8b4424284d8b4c24300f05"
          + "49894424384983c440ebc5"
          + "498b7c2408488b07ebeb"
          + "498b7c2408498b442410488907ebdc90"
          + "8b7e0883c740b8e70000000f05";

  private static final long HANDLER_OFFSET = 0x68;
  private static final long BYTES = 4096;

  private final long address;
  private final MethodHandle run;

  private ChildCode(long address) {
    this.address = address;
    this.run =
        Linker.nativeLinker()
            .downcallHandle(
                MemorySegment.ofAddress(address),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  }

  /** Loads the code, which is never unloaded. */
  static ChildCode load(Machine machine) {
    if (machine != Machine.X86_64) {
      throw new UnsupportedOperationException(
          "child processes run machine code, which exists for x86-64 only");
    }
    long address = AddressSpace.map(BYTES, Libc.MAP_PRIVATE);
    MemorySegment code = MemorySegment.ofAddress(address).reinterpret(BYTES);
    byte[] bytes = HexFormat.of().parseHex(X86_64);
    MemorySegment.copy(bytes, 0, code, JAVA_BYTE, 0, bytes.length);
    int result = ProcessCalls.mprotect(address, BYTES, ProcessCalls.PROT_READ_EXEC);
    if (result < 0) {
      throw new SystemCallException("mprotect(PROT_EXEC)", -result);
    }
    return new ChildCode(address);
  }

  /** The address of a signal handler that ends the child with exit code 64 + si_code. */
  long handlerAddress() {
    return address + HANDLER_OFFSET;
  }

  /** Returns the child's process id or a negated errno; never returns in the child. */
  int run(long cloneFlags, long stackTop, long program) {
    try {
      return (int) (long) run.invokeExact(cloneFlags, stackTop, program);
    } catch (Throwable t) {
      throw NativeCalls.unexpected(t);
    }
  }
}
