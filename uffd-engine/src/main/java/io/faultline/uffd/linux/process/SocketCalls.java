package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Downcalls for sockets. Each returns the C function's result, or the negated errno. */
final class SocketCalls {
  static final int AF_UNIX = 1;
  static final int SOCK_STREAM = 1;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;
  static final int SOL_SOCKET = 1;
  static final int SO_PEERCRED = 17;
  static final int MSG_CTRUNC = 8;
  static final int MSG_NOSIGNAL = 0x4000;
  static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private static final MethodHandle SOCKET =
      bind("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SOCKETPAIR =
      bind("socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle BIND =
      bind("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CONNECT =
      bind("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle LISTEN =
      bind("listen", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle ACCEPT =
      bind("accept4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle GETSOCKOPT =
      bind(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle READ =
      bind("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle RECVMSG =
      bind("recvmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SENDMSG =
      bind("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  private SocketCalls() {}

  /** Opens a non-blocking stream socket of AF_UNIX. */
  static int socket() {
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    try {
      return result((int) SOCKET.invokeExact(capture(), AF_UNIX, type, 0));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Opens two non-blocking stream sockets of AF_UNIX that are connected with each other. */
  static int socketPair(long descriptors) {
    int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    try {
      return result((int) SOCKETPAIR.invokeExact(capture(), AF_UNIX, type, 0, descriptors));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int bindTo(int fd, long address, int bytes) {
    try {
      return result((int) BIND.invokeExact(capture(), fd, address, bytes));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int connect(int fd, long address, int bytes) {
    try {
      return result((int) CONNECT.invokeExact(capture(), fd, address, bytes));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int listen(int fd, int backlog) {
    try {
      return result((int) LISTEN.invokeExact(capture(), fd, backlog));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int accept(int fd) {
    int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    try {
      return result((int) ACCEPT.invokeExact(capture(), fd, 0L, 0L, flags));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static int getsockopt(int fd, int level, int option, long value, long length) {
    try {
      return result((int) GETSOCKOPT.invokeExact(capture(), fd, level, option, value, length));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long read(int fd, long buffer, long bytes) {
    try {
      return result((long) READ.invokeExact(capture(), fd, buffer, bytes));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long recvmsg(int fd, long message) {
    try {
      return result((long) RECVMSG.invokeExact(capture(), fd, message, MSG_CMSG_CLOEXEC));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long sendmsg(int fd, long message) {
    try {
      return result((long) SENDMSG.invokeExact(capture(), fd, message, MSG_NOSIGNAL));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
