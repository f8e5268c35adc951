#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./run demo`: an update, end to end, with the real programs on loopback.

A CA, two update servers and three devices of two vendors and two classes run as processes. The eleven steps of an update
are printed as they happen: one device is updated by pull, one by push, one hybrid; then an update with a re-enrolment, one
refusal and one revert, and how they look to the operator. The exit code is 0 only if what runs is what the manifests say.
"""
