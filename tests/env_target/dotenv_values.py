"""What python-dotenv reads in ./.env, as JSON; with `write`, after it wrote the file itself."""

import json
import sys
from pathlib import Path

from dotenv import dotenv_values, set_key

if sys.argv[1] == "write":
    Path(".env").touch()
    values = ["plain", "two words", "a#b", "$HOME", '"quoted"', "https://a.example/?b=c", "[1, 2]", "", "é"]
    for index, value in enumerate(values):
        set_key(".env", f"VALUE_{index}", value, export=index % 2 == 1)

print(json.dumps(dotenv_values(".env")))
