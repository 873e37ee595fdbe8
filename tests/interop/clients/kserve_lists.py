"""KServe's client with lists: every datatype that it sends as typed contents.

    kserve_lists.py ADDRESS    prints {datatype: the answer's values, or its error}
"""

import asyncio
import json
import sys

from kserve import InferenceGRPCClient, InferInput, InferRequest

VALUES = [1, 2, 0, 1]
DATATYPES = ("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
             "FP32", "FP64")


def value(datatype, number):
    return bool(number) if datatype == "BOOL" else float(number) if datatype[0] == "F" else number


async def main(address):
    answers = {}
    async with InferenceGRPCClient(address) as client:
        answers["ready"] = await client.is_server_ready() and await client.is_model_ready("conv")
        for datatype in DATATYPES:
            data = [value(datatype, number) for number in VALUES]
            tensor = InferInput("input", [1, len(data), 1], datatype, data=data)
            try:
                response = await client.infer(InferRequest("conv", [tensor]))
                answers[datatype] = response.outputs[0].as_numpy().ravel().tolist()
            except Exception as error:  # whatever the client makes of a refusal
                answers[datatype] = str(error)
    print(json.dumps(answers))


asyncio.run(main(sys.argv[1]))
