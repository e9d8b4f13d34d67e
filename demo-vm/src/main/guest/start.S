# Entry at power-on: the host has set rdi, rsi, the stack and the registers of the program.
    .globl _start
_start:
    movq %rbp, %xmm15
    call run
    ud2
    .section .note.GNU-stack, "", @progbits
