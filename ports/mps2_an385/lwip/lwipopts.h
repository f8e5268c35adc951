/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP is built with for this port: IPv6 and UDP, no operating system, no pool for received packets (network.cpp
 * lends it the caller's buffer), a static address without duplicate detection. */
#ifndef TAILOR_LWIPOPTS_H
#define TAILOR_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0

#define LWIP_IPV4 0
#define LWIP_ARP 0
#define LWIP_ETHERNET 1
#define LWIP_ICMP 0
#define LWIP_IPV6 1
#define LWIP_UDP 1
#define LWIP_TCP 0
#define LWIP_RAW 0
#define LWIP_DHCP 0
#define LWIP_DNS 0

/* Payloads fit one frame; whoever fragments is not served. */
#define LWIP_IPV6_FRAG 0
#define LWIP_IPV6_REASS 0
#define LWIP_IPV6_FORWARD 0
#define LWIP_IPV6_MLD 0
#define LWIP_IPV6_AUTOCONFIG 0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT 0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS 0
#define LWIP_IPV6_NUM_ADDRESSES 2
#define LWIP_IPV6_SCOPES 0
#define LWIP_ND6_QUEUEING 0
#define LWIP_ND6_NUM_NEIGHBORS 4
#define LWIP_ND6_NUM_DESTINATIONS 4
#define LWIP_ND6_NUM_PREFIXES 1
#define LWIP_ND6_NUM_ROUTERS 1
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 0
#define LWIP_ND6_ALLOW_RA_UPDATES 0

/* Headers in front of what is sent, and neighbour discovery's own messages. */
#define MEM_ALIGNMENT 4
#define MEM_SIZE 512
#define MEMP_NUM_PBUF 3
#define PBUF_POOL_SIZE 1
#define PBUF_POOL_BUFSIZE 64
#define MEMP_NUM_UDP_PCB 1
#define MEMP_NUM_SYS_TIMEOUT 4
#define LWIP_STATS 0
#define LWIP_NETIF_API 0
#define LWIP_CHECKSUM_ON_COPY 0
#define CHECKSUM_CHECK_UDP 1
#define LWIP_NOASSERT 1

#endif
